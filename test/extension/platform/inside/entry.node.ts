import { createNodePlatform } from '../../../../extension/platform/node';
import { runInside } from './runner';

void runInside(createNodePlatform());

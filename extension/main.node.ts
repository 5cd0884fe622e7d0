import { run } from './main';
import { createNodePlatform } from './platform/node';

void run(createNodePlatform());

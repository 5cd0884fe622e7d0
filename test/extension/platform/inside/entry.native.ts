import { createNativePlatform } from '../../../../extension/platform/native';
import { runInside } from './runner';

void runInside(createNativePlatform());

import { run } from './main';
import { createNativePlatform } from './platform/native';

void run(createNativePlatform());

import { platformContract } from './contract';
import { nodeDriver } from './drivers';

platformContract('Node.js', nodeDriver);

import { DOTNET } from './dotnet';
import { GO } from './go';
import { JAVA } from './java';
import { NODE } from './node';
import { OTHERS } from './others';
import { PYTHON } from './python';
import { RUST } from './rust';
import type { Format } from './types';

export type { Format, Sample } from './types';

/** Lines in the formats of real loggers, with what they say of themselves. `docs/log-formats.md` is written from it. */
export const FORMATS: readonly Format[] = [...NODE, ...PYTHON, ...JAVA, ...DOTNET, ...GO, ...RUST, ...OTHERS];

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { motoPython } from '../tools/moto';

/** What botocore makes of each case; see `ask_botocore.py`. @throws MotoUnavailableError */
export async function askBotocore<T>(cases: readonly Record<string, unknown>[]): Promise<T[]> {
  const python = await motoPython();
  // Nothing of this machine's own AWS settings is to matter.
  const env = {
    PATH: process.env.PATH,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const child = spawn(python, [join(__dirname, 'ask_botocore.py')], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject));
  child.stdin.end(cases.map((each) => `${JSON.stringify(each)}\n`).join(''));
  const code = await ended;
  if (code !== 0) throw new Error(`ask_botocore.py ended with ${code}`);
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached, hashOf } from '../../build/cache';
import { freePort } from '../../sandbox';

const run = promisify(execFile);
const REQUIREMENTS = join(__dirname, 'moto-requirements.txt');

/** moto and botocore can't be had; the message says why, in one line. */
export class MotoUnavailableError extends Error {
  override readonly name = 'MotoUnavailableError';
}

/** Python of a virtual environment, in the cache, that has moto and botocore. @throws MotoUnavailableError */
export async function motoPython(): Promise<string> {
  const requirements = await readFile(REQUIREMENTS, 'utf8');
  try {
    const dir = await cached('moto', hashOf(requirements, process.arch), async (temporary) => {
      await run(process.env.PYTHON || 'python3', ['-m', 'venv', temporary]);
      await run(join(temporary, 'bin', 'python'), [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--disable-pip-version-check',
        '-r',
        REQUIREMENTS,
      ]);
    });
    return join(dir, 'bin', 'python');
  } catch (error) {
    throw new MotoUnavailableError(
      `moto can't be installed from PyPI here (${(error as Error).message.trim().split('\n').at(-1)})`,
    );
  }
}

/** AWS's Secrets Manager and Systems Manager, as moto plays them. */
export class Moto {
  constructor(
    readonly url: string,
    private readonly process: ChildProcess,
  ) {}

  /** One call of AWS's JSON protocol. */
  async call<T = Record<string, unknown>>(
    target: string,
    parameters: Record<string, unknown>,
    region = 'eu-west-1',
  ): Promise<T> {
    const service = target.startsWith('AmazonSSM') ? 'ssm' : 'secretsmanager';
    const response = await fetch(this.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': target,
        authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(parameters),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${target}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }

  /** @returns its ARN. */
  async createSecret(name: string, value: string | Uint8Array): Promise<string> {
    const content =
      typeof value === 'string' ? { SecretString: value } : { SecretBinary: Buffer.from(value).toString('base64') };
    return (await this.call<{ ARN: string }>('secretsmanager.CreateSecret', { Name: name, ...content })).ARN;
  }

  async changeSecret(arn: string, value: string): Promise<void> {
    await this.call('secretsmanager.PutSecretValue', { SecretId: arn, SecretString: value });
  }

  /** @returns its ARN. */
  async putParameter(name: string, value: string, overwrite = false): Promise<string> {
    await this.call('AmazonSSM.PutParameter', { Name: name, Value: value, Type: 'SecureString', Overwrite: overwrite });
    return (await this.call<{ Parameter: { ARN: string } }>('AmazonSSM.GetParameter', { Name: name })).Parameter.ARN;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGKILL');
    await ended;
  }
}

/** Starts moto_server on a free port. @throws MotoUnavailableError */
export async function startMoto(): Promise<Moto> {
  const python = await motoPython();
  const port = await freePort();
  const child = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Running on')) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`moto_server ended with ${code}: ${said.slice(-500)}`)));
  });
  return new Moto(`http://127.0.0.1:${port}`, child);
}

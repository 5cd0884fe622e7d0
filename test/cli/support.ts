import { CreateRoleCommand, GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand } from '@aws-sdk/client-iam';
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  type FunctionConfiguration,
  GetFunctionCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { buildCli } from '../../build/cli';
import { ensureLayer } from '../../build/layer';
import { HostBuildError } from '../../build/toolchain';
import { MotoUnavailableError } from '../tools/moto';

export const ENDPOINT = 'https://logs.example.com/loki/api/v1/push';
export const ROOT = join(__dirname, '..', '..');
export const REGION = 'eu-west-1';

let built: Promise<string> | undefined;

/** The command line as the package has it, with the layers beside it. */
export function builtCli(): Promise<string> {
  return (built ??= (async () => {
    // Any layer will do here; the set-up of the tests has built the present one.
    for (const architecture of ['x86_64', 'arm64'] as const) {
      if (!existsSync(join(ROOT, 'lib', 'layer', `lambdawatch-${architecture}.zip`))) await ensureLayer(architecture);
    }
    return buildCli();
  })());
}

/** A reason to skip tests, where a part that they need can't be had here. */
export function reasonToSkip(error: unknown): string {
  if (error instanceof MotoUnavailableError || (error instanceof HostBuildError && error.code !== 'BUILD_FAILED'))
    return error.message;
  throw error;
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line against one AWS, with an environment and a home of its own. */
export class CommandLine {
  readonly env: NodeJS.ProcessEnv;

  constructor(
    private readonly file: string,
    readonly url: string,
    env: NodeJS.ProcessEnv = {},
  ) {
    this.env = {
      PATH: process.env.PATH,
      HOME: mkdtempSync(join(tmpdir(), 'lambdawatch-home-')),
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL: url,
      AWS_EC2_METADATA_DISABLED: 'true',
      ...env,
    };
  }

  /** Runs a command as it would be typed. @param onStderr is told what has been said so far */
  async run(
    args: readonly string[],
    {
      env = {},
      cwd,
      input = '',
      onStderr,
      onStart,
    }: {
      env?: NodeJS.ProcessEnv;
      cwd?: string;
      input?: string;
      onStderr?: (said: string) => void;
      onStart?: (kill: (signal: NodeJS.Signals) => void) => void;
    } = {},
  ): Promise<Ran> {
    const child = spawn(process.execPath, [this.file, ...args], { cwd, env: { ...this.env, ...env } });
    onStart?.((signal) => child.kill(signal));
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      onStderr?.(said);
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const [stdout, code] = await Promise.all([
      text(child.stdout),
      new Promise<number | null>((resolve, reject) => {
        child.on('error', reject);
        child.on('close', resolve);
      }),
    ]);
    return { code, stdout, stderr: said };
  }

  /** Runs a command with `--json`. */
  async json<T>(args: readonly string[]): Promise<Ran & { value: T }> {
    const ran = await this.run([...args, '--json']);
    try {
      return { ...ran, value: JSON.parse(ran.stdout) as T };
    } catch {
      throw new Error(`no JSON from ${args.join(' ')}: exit code ${ran.code}\n${ran.stdout}${ran.stderr}`);
    }
  }
}

/** The user's account, as the tests set it up: AWS's own clients, against the same AWS. */
export class Account {
  readonly lambda: LambdaClient;
  readonly iam: IAMClient;

  constructor(
    readonly url: string,
    readonly region = REGION,
  ) {
    const options = { endpoint: url, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
    this.lambda = new LambdaClient(options);
    this.iam = new IAMClient(options);
  }

  /** @returns the role's ARN. */
  async role(name: string, services: readonly string[] = ['lambda.amazonaws.com']): Promise<string> {
    const trust = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: services }, Action: 'sts:AssumeRole' }],
    };
    const { Role: role } = await this.iam.send(
      new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) }),
    );
    return role?.Arn ?? '';
  }

  async function(name: string, role: string, options: Partial<CreateFunctionCommandInput> = {}): Promise<void> {
    const image = options.PackageType === 'Image';
    await this.lambda.send(
      new CreateFunctionCommand({
        FunctionName: name,
        Role: role,
        Code: image
          ? { ImageUri: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1' }
          : { ZipFile: await functionCode() },
        ...(image ? {} : { Runtime: 'nodejs20.x', Handler: 'index.handler' }),
        ...options,
      }),
    );
  }

  /** The inline policies of a role, by name. */
  async policies(role: string): Promise<Record<string, unknown>> {
    const { PolicyNames: names = [] } = await this.iam.send(new ListRolePoliciesCommand({ RoleName: role }));
    return Object.fromEntries(
      await Promise.all(
        names.map(async (name) => {
          const { PolicyDocument: document = '' } = await this.iam.send(
            new GetRolePolicyCommand({ RoleName: role, PolicyName: name }),
          );
          return [name, JSON.parse(decodeURIComponent(document)) as unknown];
        }),
      ),
    );
  }

  /** Configuration and tags, without what changes with time alone. */
  async snapshot(name: string): Promise<{ config: FunctionConfiguration; tags: Record<string, string> }> {
    const { Configuration: config = {}, Tags: tags = {} } = await this.lambda.send(
      new GetFunctionCommand({ FunctionName: name }),
    );
    // Those that Lambda itself writes at each update.
    const { LastModified: _modified, RevisionId: _revision, LastUpdateStatus: _status, ...rest } = config;
    return { config: rest, tags };
  }
}

let zipped: Promise<Buffer> | undefined;

function functionCode(): Promise<Buffer> {
  return (zipped ??= (async () => {
    const zip = new ZipFile();
    zip.addBuffer(Buffer.from('exports.handler = async () => "ok";\n'), 'index.js');
    zip.end();
    return buffer(zip.outputStream);
  })());
}

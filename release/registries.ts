import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cached, cacheDir, hashOf } from '../build/cache';
import { runCommand } from '../build/command';
import { run } from './commands';
import { freePort, withServer } from './servers';

/** A registry on this machine. */
export interface Registry {
  /** Publishes what is in a folder, in the way that the release workflow does. */
  publish(dist: string): Promise<void>;
  /** Makes a package manager look here, too. */
  readonly consumer: NodeJS.ProcessEnv;
}

/** Opens a registry that keeps what it has in a folder, and closes it after `work`. */
export type Open = (folder: string, work: (registry: Registry) => Promise<void>) => Promise<void>;

const TOOLS = join(__dirname, 'tools');

export const npm: Open = async (folder, work) => {
  const tools = await nodeTools();
  const port = await freePort();
  const setting = async (key: string): Promise<string> => (await runCommand('npm', ['config', 'get', key])).trim();
  // Packages of others come through it from where npm gets them otherwise.
  const config = {
    storage: join(folder, 'storage'),
    max_body_size: '100mb',
    uplinks: { upstream: { url: await setting('registry'), timeout: '120s', max_fails: 20 } },
    packages: { 'cdk-lambdawatch': { access: '$all', publish: '$all' }, '**': { access: '$all', proxy: 'upstream' } },
    log: { type: 'stdout', format: 'pretty', level: 'warn' },
  };
  await writeFile(join(folder, 'config.yaml'), JSON.stringify(config));
  const certificates = await setting('cafile');
  const env = certificates.startsWith('/') ? { NODE_EXTRA_CA_CERTS: certificates } : {};
  const url = `http://127.0.0.1:${port}/`;
  const args = ['--config', join(folder, 'config.yaml'), '--listen', `127.0.0.1:${port}`];
  await withServer(bin(tools, 'verdaccio'), args, { cwd: folder, url: `${url}-/ping`, env }, () =>
    work({
      consumer: { npm_config_registry: url },
      publish: (dist) =>
        publish('publib-npm', dist, folder, {
          NPM_REGISTRY: `127.0.0.1:${port}`,
          DISABLE_HTTPS: 'true',
          NPM_TOKEN: 'any',
        }),
    }),
  );
};

export const pypi: Open = async (folder, work) => {
  const port = await freePort();
  const packages = join(folder, 'packages');
  await mkdir(packages);
  const url = `http://127.0.0.1:${port}/`;
  // Without passwords and with nothing to authenticate.
  const args = [
    '--interface',
    '127.0.0.1',
    '--port',
    `${port}`,
    '--passwords',
    '.',
    '--authenticate',
    '.',
    '--disable-fallback',
  ];
  const python = join(await pythonTools(), 'bin', 'python');
  await withServer(python, ['-m', 'pypiserver', 'run', ...args, packages], { cwd: folder, url }, () =>
    work({
      consumer: { PIP_EXTRA_INDEX_URL: `${url}simple/` },
      // The publisher installs its uploader for the user, which is the folder here.
      publish: (dist) =>
        publish('publib-pypi', dist, folder, {
          TWINE_REPOSITORY_URL: url,
          TWINE_USERNAME: 'any',
          TWINE_PASSWORD: 'any',
          PIP_BREAK_SYSTEM_PACKAGES: '1',
          PYTHONUSERBASE: join(folder, 'python'),
        }),
    }),
  );
};

export const maven: Open = async (folder, work) => {
  const url = pathToFileURL(join(folder, 'repository')).href;
  await mkdir(join(folder, '.m2'));
  await writeFile(
    join(folder, '.m2', 'settings.xml'),
    `<settings>
  <profiles>
    <profile>
      <id>rehearsal</id>
      <repositories><repository><id>rehearsal</id><url>${url}</url></repository></repositories>
    </profile>
  </profiles>
  <activeProfiles><activeProfile>rehearsal</activeProfile></activeProfiles>
</settings>
`,
  );
  // What Maven has once, it doesn't ask for again: the library of an earlier rehearsal has to go.
  const local = join(cacheDir(), 'maven');
  await rm(join(local, 'io', 'github', 'lambdawatch'), { recursive: true, force: true });
  await work({
    consumer: {
      MAVEN_OPTS: `${process.env.MAVEN_OPTS ?? ''} -Duser.home=${folder} -Dmaven.repo.local=${local}`.trim(),
    },
    publish: (dist) =>
      publish('publib-maven', dist, folder, {
        MAVEN_SERVER_ID: 'rehearsal',
        MAVEN_REPOSITORY_URL: url,
        MAVEN_USERNAME: 'any',
        MAVEN_PASSWORD: 'any',
      }),
  });
};

export const go: Open = async (folder, work) => {
  const repository = join(folder, 'cdk-lambdawatch-go.git');
  await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', repository], { cwd: folder });
  const config = join(folder, 'gitconfig');
  const local = pathToFileURL(repository).href;
  await writeFile(
    config,
    `[url "${local}"]
  insteadOf = git@github.com:lambdawatch/cdk-lambdawatch-go.git
  insteadOf = https://github.com/lambdawatch/cdk-lambdawatch-go
`,
  );
  // As with Maven: modules of an earlier rehearsal have to go, those of others may stay.
  const modules = join(cacheDir(), 'go-modules');
  for (const part of [
    join('github.com', 'lambdawatch'),
    join('cache', 'download', 'github.com', 'lambdawatch'),
    join('cache', 'vcs'),
  ]) {
    await rm(join(modules, part), { recursive: true, force: true });
  }
  await work({
    consumer: {
      GIT_CONFIG_GLOBAL: config,
      GOMODCACHE: modules,
      GOFLAGS: '-modcacherw',
      GOPRIVATE: 'github.com/lambdawatch/*',
      // Go remembers which files a version of a module has, and this version had others in an earlier rehearsal.
      GODEBUG: 'goindex=0',
    },
    publish: (dist) =>
      publish('publib-golang', dist, folder, {
        GIT_CONFIG_GLOBAL: config,
        GIT_USE_SSH: '1',
        GIT_USER_NAME: 'rehearsal',
        GIT_USER_EMAIL: 'rehearsal@example.com',
      }),
  });
};

export const nuget: Open = async (folder, work) => {
  const packages = join(folder, 'packages');
  await mkdir(packages);
  await work({
    // MSBuild takes properties from the environment.
    consumer: { RestoreAdditionalProjectSources: packages, NUGET_PACKAGES: join(folder, 'restored') },
    publish: (dist) => publish('publib-nuget', dist, folder, { NUGET_SERVER: packages, NUGET_API_KEY: 'any' }),
  });
};

/** Runs one of publib's programs. It writes credentials to the home folder, so that this is another one. */
async function publish(program: string, dist: string, home: string, env: NodeJS.ProcessEnv): Promise<void> {
  await run(bin(await nodeTools(), program), [dist], { cwd: home, env: { ...env, HOME: home } });
}

function bin(tools: string, program: string): string {
  return join(tools, 'node_modules', '.bin', program);
}

async function nodeTools(): Promise<string> {
  const files = ['package.json', 'package-lock.json'];
  const contents = await Promise.all(files.map((file) => readFile(join(TOOLS, file), 'utf8')));
  return cached('release-tools', hashOf(...contents, process.arch), async (folder) => {
    for (const [i, file] of files.entries()) await writeFile(join(folder, file), contents[i]);
    await runCommand('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder });
  });
}

async function pythonTools(): Promise<string> {
  const requirements = join(TOOLS, 'requirements.txt');
  return cached('release-pypi', hashOf(await readFile(requirements, 'utf8'), process.arch), async (folder) => {
    await runCommand(process.env.PYTHON || 'python3', ['-m', 'venv', folder]);
    await runCommand(join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '-r', requirements]);
  });
}

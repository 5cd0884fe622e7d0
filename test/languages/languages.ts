import { appendFileSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../../build/cache';

export interface Workplace {
  /** A copy of the example. */
  readonly app: string;
  /** What jsii-pacmak made for the language. */
  readonly dist: string;
  /** Runs a command in the copy. */
  run(command: string, args: readonly string[]): void;
}

export interface Language {
  /** As the folder below `examples/`, if there is one. */
  readonly name: string;
  /** As jsii-pacmak calls it. */
  readonly target: string;
  /** Commands that must succeed, or the language is skipped. */
  readonly tools: readonly (readonly [string, ...string[]])[];
  readonly codeOnly?: boolean;
  /** Installs the packed library into the copy and synthesises it. */
  readonly synth?: (place: Workplace) => void;
}

export const LANGUAGES: readonly Language[] = [
  {
    name: 'typescript',
    target: 'js',
    tools: [['npm', '--version']],
    synth({ app, dist, run }) {
      type Manifest = Record<'dependencies' | 'devDependencies', Record<string, string>>;
      const manifest = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8')) as Manifest;
      manifest.dependencies['cdk-lambdawatch'] = `file:${onlyFile(dist, '.tgz')}`;
      // The command line of CDK isn't needed for synthesis.
      delete manifest.devDependencies['aws-cdk'];
      writeFileSync(join(app, 'package.json'), JSON.stringify(manifest));
      run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error']);
      run(join(app, 'node_modules', '.bin', 'tsc'), []);
      run(join(app, 'node_modules', '.bin', 'tsx'), ['app.ts']);
    },
  },
  {
    name: 'python',
    target: 'python',
    tools: [['python3', '-c', 'import venv, ensurepip']],
    synth({ app, dist, run }) {
      run('python3', ['-m', 'venv', '.venv']);
      const python = join(app, '.venv', 'bin', 'python');
      run(python, ['-m', 'pip', 'install', '--quiet', '--find-links', dist, '-r', 'requirements.txt']);
      run(python, ['app.py']);
    },
  },
  {
    name: 'java',
    target: 'java',
    tools: [['javac', '-version'], ['mvn', '--version']],
    synth({ app, dist, run }) {
      const pom = join(app, 'pom.xml');
      const repository = `<repositories><repository><id>packed</id><url>file://${dist}</url></repository></repositories>`;
      writeFileSync(pom, readFileSync(pom, 'utf8').replace('<dependencies>', `${repository}\n  <dependencies>`));
      // A repository of its own, because Maven would take the library of an earlier run for this one.
      const local = join(cacheDir(), 'maven');
      rmSync(join(local, 'io', 'github', 'lambdawatch'), { recursive: true, force: true });
      run('mvn', ['--batch-mode', '--quiet', `-Dmaven.repo.local=${local}`, 'compile', 'exec:java']);
    },
  },
  {
    name: 'go',
    target: 'go',
    tools: [['go', 'version']],
    synth({ app, dist, run }) {
      const module = 'github.com/lambdawatch/cdk-lambdawatch-go/cdklambdawatch';
      appendFileSync(join(app, 'go.mod'), `\nreplace ${module} => ${join(dist, 'cdklambdawatch')}\n`);
      run('go', ['mod', 'tidy']);
      run('go', ['run', 'app.go']);
    },
  },
  { name: 'dotnet', target: 'dotnet', tools: [], codeOnly: true },
];

function onlyFile(folder: string, suffix: string): string {
  const found = readdirSync(folder).filter((file) => file.endsWith(suffix));
  if (found.length !== 1) throw new Error(`${folder} has ${found.length} files that end in ${suffix}, and should have one`);
  return join(folder, found[0]);
}

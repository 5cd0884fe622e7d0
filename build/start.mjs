// Runs a projen task on a clone that may be fresh: installs the locked dependencies first when they are missing or stale.
// Plain JavaScript, because it has to run before anything is installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [task, ...args] = process.argv.slice(2);
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`LambdaWatch is built with Node.js 20 or newer; this is ${process.version}. Install a newer one and run the command again.`);
  process.exit(1);
}

/** Runs a command in the foreground; an interrupt reaches it through the terminal, and we wait for it to clean up. */
function run(command, commandArgs) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArgs, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
    const forward = (signal) => child.kill(signal);
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, forward);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM']) process.off(name, forward);
      resolve(signal ? 130 : code ?? 1);
    });
  });
}

const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
const marker = join(root, 'node_modules', '.lambdawatch-lock');
if (!existsSync(marker) || readFileSync(marker, 'utf8') !== lock) {
  console.error('Installing the locked dependencies (npm ci) …');
  const code = await run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (code !== 0) {
    console.error('npm ci failed, see above. It needs the npm registry; a proxy or mirror is set in .npmrc.');
    process.exit(code);
  }
  writeFileSync(marker, lock);
}
process.exit(await run(process.execPath, [join(root, 'node_modules', 'projen', 'bin', 'projen'), task, ...args]));

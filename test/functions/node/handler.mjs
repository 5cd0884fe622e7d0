import { writeSync } from 'node:fs';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function writeAll(fd, text) {
  for (let bytes = Buffer.from(text); bytes.length > 0;) {
    try {
      bytes = bytes.subarray(writeSync(fd, bytes));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

function write({ text, stream = 'stdout', via = 'console' }) {
  if (via === 'raw') writeAll(stream === 'stdout' ? 1 : 2, text);
  else if (via === 'logger') console.info(text);
  else if (stream === 'stdout') console.log(text);
  else console.error(text);
}

function writeLines({ count, prefix = 'line', bytes = 0 }) {
  const lines = [];
  for (let index = 0; index < count; index++) {
    const line = `${prefix} ${index} `;
    lines.push(`${line}${'x'.repeat(Math.max(0, bytes - Buffer.byteLength(line)))}\n`);
  }
  writeAll(1, lines.join(''));
}

async function fail(how) {
  if (how === 'exception') throw new TypeError('the script wants an exception');
  if (how === 'exit') process.exit(1);
  if (how === 'oom') Buffer.alloc(64 * 1024 * 1024, 1);
  if (how === 'kill' || how === 'oom') process.kill(process.pid, 'SIGKILL');
  await new Promise(() => setInterval(() => undefined, 1000));
}

export async function handler(script, _context, responder) {
  for (const step of script?.write ?? []) write(step);
  if (script?.lines) writeLines(script.lines);
  if (script?.sleepMs) await sleep(script.sleepMs);
  if (script?.fail) await fail(script.fail);
  if (script?.stream) {
    const stream = responder.stream();
    for (const piece of script.stream) {
      stream.write(piece);
      await sleep(20);
    }
    stream.end();
    return undefined;
  }
  return script?.return;
}

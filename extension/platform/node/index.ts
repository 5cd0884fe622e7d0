import { createHash, createHmac, randomBytes } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { gzipSync } from 'node:zlib';
import { platformError } from '../errors';
import type { Platform } from '../types';
import { createClient } from './client';
import { fieldReader } from './json-fields';
import { compilePatterns } from './patterns';
import { createForms, createList, joined } from './json-list';
import { serve } from './server';
import { checkCertificates } from './tls';

/**
 * The platform on Node.js: for tests of the extension, and for the demo on machines where the native host can't be
 * built.
 */
export function createNodePlatform(): Platform {
  let report = stderr;
  return {
    env: { ...process.env } as Record<string, string>,
    now: () => Date.now(),
    monotonic: () => performance.now(),
    // 48 random bits.
    random: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
    setTimer(ms, callback) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    serve: (options, handler) => serve(options, handler, (text) => report(text)),
    request: createClient(),
    createList,
    createForms,
    utf8: (parts) => Buffer.from(joined(parts)),
    gzip: (parts) => gzipSync(joined(parts), { level: 2 }),
    utf8Length: (text) => Buffer.byteLength(text),
    fieldReader,
    sha256: (data) => createHash('sha256').update(data).digest(),
    hmacSha256: (key, data) => createHmac('sha256', key).update(data).digest(),
    compilePatterns,
    checkCertificates,
    readTextFile(path) {
      try {
        return readFileSync(path, 'utf8');
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        throw platformError(code === 'ENOENT' || code === 'EACCES' ? code : 'EIO', message);
      }
    },
    stderr,
    onFault(handler) {
      report = (text) => {
        try {
          handler(text);
        } catch {
          stderr(text);
        }
      };
    },
    exit: (code) => process.exit(code),
  };
}

function stderr(line: string): void {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // Nobody reads stderr; there is nothing better to do.
  }
}

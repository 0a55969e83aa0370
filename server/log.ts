// The log: JSON lines on standard error, so that standard output stays for people and for `--json`.
import { fstatSync, writeSync } from 'node:fs';
import pino, { type Logger } from 'pino';
import type { LogLevel } from './config.js';

/** What JSON leaves as it is although a terminal or a log viewer may act on it. */
const active = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Escapes the characters that JSON doesn't; `write` gets whole lines. */
export function createLog(level: LogLevel, write: (line: string) => void): Logger {
  return pino(
    { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => write(line.replace(active, escaped)) },
  );
}

/** Writes to standard error, at once; a reader that is gone is no reason to stop. */
export function writeToStandardError(line: string): void {
  try {
    writeSync(2, line);
  } catch (error) {
    if (!isLostReader(error)) throw error;
  }
}

function isLostReader(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EPIPE' || code === 'EAGAIN' || (code === 'EBADF' && !isOpen());
}

function isOpen(): boolean {
  try {
    fstatSync(2);
    return true;
  } catch {
    return false;
  }
}

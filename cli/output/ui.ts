import confirm from '@inquirer/confirm';
import Table from 'cli-table3';
import ora from 'ora';
import { createColors } from 'picocolors';
import { EXIT, CliError, UsageError } from '../errors';

/** A task whose progress is shown. */
export interface Progress {
  update(text: string): void;
  done(): void;
}

/**
 * Everything that a command writes. Results are written to stdout, so that they can be piped; all other messages are
 * written to stderr. Colours and spinners are used only on terminals, and `NO_COLOR` switches colours off.
 */
export class Ui {
  readonly json: boolean;
  readonly out: ReturnType<typeof createColors>;
  readonly err: ReturnType<typeof createColors>;

  constructor({ json }: { json: boolean }) {
    this.json = json;
    this.out = createColors(!json && coloured(process.stdout));
    this.err = createColors(coloured(process.stderr));
  }

  /** Writes a result for people. Does nothing with `--json`. */
  print(text: string): void {
    if (!this.json) process.stdout.write(`${text}\n`);
  }

  /** Writes the result for programs. Does nothing without `--json`. */
  printJson(value: unknown): void {
    if (this.json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  warn(text: string): void {
    this.note(`${this.err.yellow('warning:')} ${text}`);
  }

  error(text: string): void {
    this.note(`${this.err.red('error:')} ${text}`);
  }

  table(head: readonly string[], rows: readonly (readonly string[])[]): void {
    if (this.json) return;
    const table = new Table({
      head: head.map((cell) => this.out.bold(cell)),
      chars: {
        top: '',
        'top-mid': '',
        'top-left': '',
        'top-right': '',
        bottom: '',
        'bottom-mid': '',
        'bottom-left': '',
        'bottom-right': '',
        left: '',
        'left-mid': '',
        mid: '',
        'mid-mid': '',
        right: '',
        'right-mid': '',
        middle: '  ',
      },
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    });
    table.push(...rows.map((row) => [...row]));
    process.stdout.write(
      `${table
        .toString()
        .split('\n')
        .map((line) => line.trimEnd())
        .join('\n')}\n`,
    );
  }

  progress(text: string): Progress {
    if (!process.stderr.isTTY) return { update: () => undefined, done: () => undefined };
    const spinner = ora({ text, stream: process.stderr, discardStdin: false }).start();
    return {
      update: (next) => void (spinner.text = next),
      done: () => void spinner.stop(),
    };
  }

  /** @throws UsageError if there is nobody to ask. */
  async confirm(question: string): Promise<boolean> {
    if (!process.stdin.isTTY || !process.stderr.isTTY) {
      throw new UsageError(
        'there is no terminal to ask on; pass --yes to make these changes, or --dry-run to only look at them',
      );
    }
    try {
      return await confirm({ message: question, default: false }, { output: process.stderr });
    } catch {
      throw new CliError('interrupted; nothing was changed', EXIT.interrupted);
    }
  }
}

function coloured(stream: NodeJS.WriteStream): boolean {
  if (process.env.NO_COLOR) return false;
  return process.env.FORCE_COLOR ? true : stream.isTTY === true && process.env.TERM !== 'dumb';
}

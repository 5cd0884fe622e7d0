/** Exit codes, as the help states them. */
export const EXIT = { ok: 0, failed: 1, usage: 2, wouldChange: 3, interrupted: 130 } as const;

/** The command can't continue. The message is one line that says what is wrong and what to do about it. */
export class CliError extends Error {
  override readonly name: string = 'CliError';

  constructor(
    message: string,
    readonly exitCode: number = EXIT.failed,
  ) {
    super(message);
  }
}

/** The command was called with wrong arguments: nothing has been done. */
export class UsageError extends CliError {
  override readonly name = 'UsageError';

  constructor(message: string) {
    super(message, EXIT.usage);
  }
}

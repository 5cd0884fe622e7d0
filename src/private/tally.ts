import { IConstruct } from 'constructs';
import { SynthesisReport } from '../synthesis-report';
import { informAnywhere } from './annotations';
import { Obstacle } from './obstacles';

/** Counts attached and skipped functions for the summary. */
export class Tally {
  private readonly reasons = new Map<IConstruct, string>();

  public skipped(construct: IConstruct, { id }: Obstacle): void {
    this.reasons.set(construct, id.replace('lambdawatch:', ''));
  }

  public report(watch: IConstruct, attached: number, report: SynthesisReport | undefined): void {
    if (report === undefined || report === SynthesisReport.NONE) return;
    const counts: Record<string, number> = {};
    for (const reason of this.reasons.values()) counts[reason] = (counts[reason] ?? 0) + 1;
    const skipped = Object.entries(counts)
      .sort()
      .map(([reason, count]) => `${count} ${reason}`)
      .join(', ');
    informAnywhere(
      watch,
      'lambdawatch:summary',
      `LambdaWatch: ${watch.node.path} is attached to ${attached} ${attached === 1 ? 'function' : 'functions'}` +
        `${skipped === '' ? '' : `; not to ${skipped}`}.`,
    );
  }
}

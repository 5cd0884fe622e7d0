import { failure, type Figure, format, type Unit } from '../figure';
import type { Group } from '../options';
import type { Results } from '../results';
import { median, quantile } from '../statistics';

/** Finds what was measured. What was not is a dash, never a guess. */
export class Lookup {
  readonly #figures: ReadonlyMap<string, Figure>;

  constructor(readonly results: Results) {
    this.#figures = new Map(results.figures.map((figure) => [`${figure.group}: ${figure.id}`, figure]));
  }

  get peerNames(): string[] {
    return this.results.peers.map(({ name, version }) => `${name} ${version}`);
  }

  figure(group: Group, id: string): Figure | undefined {
    return this.#figures.get(`${group}: ${id}`);
  }

  /** Median of ours; `NaN` where there is none. */
  ours(group: Group, id: string): number {
    return median(this.figure(group, id)?.ours ?? []);
  }

  floor(group: Group, id: string): number {
    return median(this.figure(group, id)?.floor ?? []);
  }

  peer(group: Group, id: string, index = 0): number {
    return median(this.figure(group, id)?.peers?.[index] ?? []);
  }

  /** A quantile of ours as text. */
  quantile(group: Group, id: string, share: number): string {
    const figure = this.figure(group, id);
    return figure === undefined ? '–' : format(quantile(figure.ours, share), figure.unit);
  }

  /** Cells of a row: ours, each peer, and the floor. A figure that is spoiled says so. */
  cells(group: Group, id: string): string[] {
    const figure = this.figure(group, id);
    const unit: Unit = figure?.unit ?? 'none';
    const cell = (value: number, failed?: string | null): string =>
      failed == null ? format(value, unit) : failure(failed).replaceAll('|', '\\|');
    const ours = cell(this.ours(group, id), figure?.failed?.ours);
    return [
      figure?.spoiled === undefined ? ours : `${ours} (not of the whole work)`,
      ...this.peerNames.map((_, index) => cell(this.peer(group, id, index), figure?.failed?.peers?.[index])),
      cell(this.floor(group, id), figure?.failed?.floor),
    ];
  }
}

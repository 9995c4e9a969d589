/** Where a predicate cannot be put into a diagram, why. Caught where a decision's diagrams are built; callers see a result. */
export class Unsupported {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

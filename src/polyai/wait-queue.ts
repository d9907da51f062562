/** A place in a `WaitQueue`. */
export interface Place<T> {
  readonly value: T;
  before: Place<T> | undefined;
  after: Place<T> | undefined;
  isTaken: boolean;
}

/** First in, first out; whoever waits can leave from any place. Every operation takes the same short time. */
export class WaitQueue<T> {
  #first: Place<T> | undefined;
  #last: Place<T> | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  join(value: T): Place<T> {
    const place: Place<T> = { value, before: this.#last, after: undefined, isTaken: true };
    if (this.#last) this.#last.after = place;
    else this.#first = place;
    this.#last = place;
    return place;
  }

  /** Takes a place out of the queue; does nothing when it is out already. */
  leave(place: Place<T>): void {
    if (!place.isTaken) return;
    place.isTaken = false;
    if (place.before) place.before.after = place.after;
    else this.#first = place.after;
    if (place.after) place.after.before = place.before;
    else this.#last = place.before;
  }

  /** Takes out whoever has waited longest. */
  shift(): T | undefined {
    const first = this.#first;
    if (first) this.leave(first);
    return first?.value;
  }
}

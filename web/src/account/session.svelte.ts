// Whether the service knows who asks.

/** What pages need to know of it: set by the API's client, read by the frame. */
class Session {
  /** Whether a request was refused because nobody is signed in. */
  isNeeded = $state(false);

  refused(): void {
    this.isNeeded = true;
  }

  accepted(): void {
    this.isNeeded = false;
  }
}

export const session = new Session();

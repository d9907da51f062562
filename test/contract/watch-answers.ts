import { subscribe, unsubscribe } from 'node:diagnostics_channel';

const CHANNEL = 'undici:request:headers';

/** What Prism says of an answer. */
export interface WatchedAnswer {
  readonly status: number;
  /** Where the request or the answer leaves the contract; warnings included. */
  readonly violations: unknown[];
  /** Prism answered by itself, for what it was sent is against the contract. */
  readonly isRefusedByPrism: boolean;
}

/** Reads, beside the client, what the client itself does not show: the headers of every answer that undici gets. */
export function watchAnswers(): { readonly answers: readonly WatchedAnswer[]; stop(): void } {
  const answers: WatchedAnswer[] = [];
  const onHeaders = (message: unknown): void => {
    const { response } = message as { response: { statusCode: number; headers: readonly Buffer[] } };
    const headers = headersOf(response.headers);
    answers.push({
      status: response.statusCode,
      violations: JSON.parse(headers.get('sl-violations') ?? '[]') as unknown[],
      isRefusedByPrism: headers.get('content-type') === 'application/problem+json',
    });
  };
  subscribe(CHANNEL, onHeaders);
  return { answers, stop: () => void unsubscribe(CHANNEL, onHeaders) };
}

function headersOf(raw: readonly Buffer[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let i = 0; i + 1 < raw.length; i += 2) headers.set(raw[i]!.toString().toLowerCase(), raw[i + 1]!.toString());
  return headers;
}

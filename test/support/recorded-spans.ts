import { context, propagation, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { onTestFinished } from 'vitest';

/** Spans that this process has ended. */
export interface RecordedSpans {
  readonly processor: SpanProcessor;
  /** So far, in the order in which they ended. */
  readonly all: () => readonly ReadableSpan[];
}

/** Records the spans of this process until the test is finished. */
export function recordSpans(): RecordedSpans {
  const exporter = new InMemorySpanExporter();
  const processor = new SimpleSpanProcessor(exporter);
  const provider = new NodeTracerProvider({ spanProcessors: [processor] });
  provider.register();
  onTestFinished(async () => {
    await provider.shutdown();
    trace.disable();
    context.disable();
    propagation.disable();
  });
  return { processor, all: () => exporter.getFinishedSpans() };
}

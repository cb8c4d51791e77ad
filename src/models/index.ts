/** The front door of the models room: one way to talk to any model server, and what surrounds it. */
export { type CapabilityStore, capabilitiesOf, capabilityStore } from './capability-store.ts';
export { findLocalServers, type LocalServer, type Port, usualPorts } from './discovery.ts';
export { stoppedCall, usageOfFailure } from './failures.ts';
export { type FoundKey, type KeySettings, readKey } from './keys.ts';
export { type Lenient, parseLenient } from './lenient.ts';
export { type OpenAiSettings, openAiClient } from './openai-client.ts';
export { costOf, isLocal, type PriceOverrides, priceOf } from './prices.ts';
export { probe } from './probe.ts';
export { recordedClient } from './recorded.ts';
export { retryDelay } from './retry.ts';
export { defaultTimeouts, silenceWatch, type Timeouts } from './silence.ts';
export { parametersOf, strengthOf } from './strength.ts';
export {
  type AskFormat,
  type AskStructured,
  askStructured,
  jsonSchemaOf,
  type Structured,
  type StructuredOptions,
  type StructuredRound,
  withSchema,
} from './structured.ts';
export { headlessThinking, thinkSplitter } from './think.ts';
export {
  type Calibration,
  createCalibration,
  estimateRequestTokens,
  estimateTokens,
  estimateToolTokens,
  type TokenRatio,
} from './tokens.ts';

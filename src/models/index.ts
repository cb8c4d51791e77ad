/** The front door of the models room: one way to talk to any model server, and what surrounds it. */
export { capabilitiesOf, capabilityStore, withImagesKnown } from './capability-store.ts';
export { findLocalServers, type LocalServer, usualPorts } from './discovery.ts';
export { stoppedCall, usageOfFailure } from './failures.ts';
export { fetchThrough, patientFetch } from './http.ts';
export { readKey } from './keys.ts';
export { parseLenient } from './lenient.ts';
export { openAiClient } from './openai-client.ts';
export { costOf, isLocal, type PriceOverrides, priceOf } from './prices.ts';
export { recordedClient } from './recorded.ts';
export { retryDelay } from './retry.ts';
export { defaultTimeouts, silenceWatch, type Timeouts } from './silence.ts';
export { parametersOf, strengthOf } from './strength.ts';
export { askStructured, jsonSchemaOf, withSchema } from './structured.ts';
export { headlessThinking, thinkSplitter } from './think.ts';
export { type Calibration, createCalibration, estimateRequestTokens, estimateTokens, estimateToolTokens } from './tokens.ts';

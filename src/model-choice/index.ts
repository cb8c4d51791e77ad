/** The front door of choosing models: from names and settings to models that are ready to be asked, for the command line and the editor. */
export { choiceFor, chooseModels, type Known, knownOf } from './choose.ts';
export { serverName } from './discovered.ts';
export { embeddedCapabilities, embeddedChoice, embeddedId } from './embedded.ts';
export { endpointOf, type ServedReference } from './endpoint.ts';
export { idOf, parseModelId } from './model-id.ts';
export { type Standing, standing } from './named.ts';
export { type EndpointPreset, endpointPresets } from './presets.ts';
export { type EndpointSettings, endpointName, endpointSchema, modelSettingsShape } from './settings.ts';
export type { Chosen, ChosenModels, ModelContext, ModelNotice, ModelReference, WantedModels } from './types.ts';
export { modelForms } from './types.ts';

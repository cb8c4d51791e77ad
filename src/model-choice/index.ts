/** The front door of choosing models: from names and settings to models that are ready to be asked, for the command line and the editor. */
export { choiceFor, chooseModels } from './choose.ts';
export { bestForCode } from './discovered.ts';
export { embeddedId } from './embedded.ts';
export { idOf, parseModelId } from './model-id.ts';
export { type EndpointSettings, modelSettingsShape } from './settings.ts';
export type { ChosenModels, EmbeddedPorts, ModelContext, ModelReference, ModelWords, WantedModels } from './types.ts';

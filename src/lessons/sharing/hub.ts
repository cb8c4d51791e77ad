/** What of the hub's library is used. Named here, because a bundle holds all of a library that is loaded by its name when it is needed. */
export { commit, HubApiError } from '@huggingface/hub';

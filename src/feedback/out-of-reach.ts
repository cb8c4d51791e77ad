/** Failures that no change of the code can mend: what the machine, or the fence around the tests, does not let them reach. By their words alone. Pure. */
import type { TestCase } from './types.ts';

/** A name of a host that nobody answers for, a network that is not there, and what git does not fetch here. Never a refused connection: the server may be the code's own. */
const unreachable =
  /\b(?:getaddrinfo (?:ENOTFOUND|EAI_AGAIN|EAI_FAIL)|gaierror|NameResolutionError|ENETUNREACH|EAI_AGAIN|no such host|dns error)\b|Temporary failure in name resolution|Name or service not known|nodename nor servname provided|failed to lookup address|Network is unreachable|Could(?: not|n't) resolve (?:host|proxy)|transport '[a-z]{1,12}' not allowed/i;

/** Words of a request that may be about just that. */
const aboutNetworks =
  /\b(?:network|offline|online|internet|dns|resolv\w*|hosts?|hostnames?|connect\w*|socket|prox(?:y|ies)|https?|urls?|fetch\w*|download\w*|requests?|retr(?:y|ies)|timeouts?|transport|submodules?|clon(?:e|es|ing)|remotes?)\b/i;

/** Whether a test fails for that, and the request speaks of nothing of the kind. */
export const isOutOfReach = ({ message = '' }: TestCase, request: string): boolean =>
  unreachable.test(message) && !aboutNetworks.test(request);

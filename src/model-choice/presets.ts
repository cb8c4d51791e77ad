/** Addresses of servers that speak the OpenAI protocol, as their makers document them. A key goes there only when the user gives one for it. */
export interface EndpointPreset {
  /** As its makers write it. */
  readonly title: string;
  /** Proposed for the endpoint; no name that models are called by anyway. */
  readonly name: string;
  readonly baseUrl: string;
  /** A part of the address that is the user's own. */
  readonly fillIn?: string;
}

export const endpointPresets: readonly EndpointPreset[] = [
  { title: 'OpenAI', name: 'openai', baseUrl: 'https://api.openai.com/v1' },
  { title: 'Anthropic', name: 'anthropic', baseUrl: 'https://api.anthropic.com/v1' },
  { title: 'Google Gemini', name: 'gemini', baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai' },
  { title: 'OpenRouter', name: 'openrouter', baseUrl: 'https://openrouter.ai/api/v1' },
  { title: 'Groq', name: 'groq', baseUrl: 'https://api.groq.com/openai/v1' },
  { title: 'Azure OpenAI', name: 'azure', baseUrl: 'https://RESOURCE.openai.azure.com/openai/v1', fillIn: 'RESOURCE' },
  { title: 'Ollama', name: 'my-ollama', baseUrl: 'http://127.0.0.1:11434/v1' },
  { title: 'LM Studio', name: 'my-lmstudio', baseUrl: 'http://127.0.0.1:1234/v1' },
  { title: 'llama-server (llama.cpp)', name: 'my-llama', baseUrl: 'http://127.0.0.1:8080/v1' },
  { title: 'vLLM', name: 'my-vllm', baseUrl: 'http://127.0.0.1:8000/v1' },
];

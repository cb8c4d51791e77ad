/** Documents of plans that are under review. */
export const planScheme = 'teamwright-plan';

/** Every text that is a plan: under review, and saved as a team. */
export const planSelector = [
  { scheme: planScheme },
  { language: 'yaml', pattern: '**/*.team.yaml' },
  { language: 'yaml', pattern: '**/*.team.yml' },
] as const;

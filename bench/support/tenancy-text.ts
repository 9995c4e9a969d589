const tiers = ['free', 'standard', 'premium', 'enterprise'] as const;

/** A policy of four tiers and so many teams, three lines each. */
export function tenancyText(teams: number): string {
  const lines = [
    'targets: [{ gateway: { namespace: llm, name: inference-gateway } }]',
    'spend_writer: usage-pipeline',
    'platform_default: { models_allowed: [simulator-model, "qwen3-*"] }',
    'tiers:',
  ];
  tiers.forEach((name, index) => {
    lines.push(`  ${name}:`);
    lines.push(`    token_limit_per_hour: ${10_000 * 4 ** index}`, `    token_limit_per_day: ${100_000 * 4 ** index}`);
    lines.push(`    burst_limit: ${20 * 2 ** index}`, `    budget_usd_monthly: ${100 * 4 ** index}`);
  });
  lines.push('teams:');
  for (let team = 0; team < teams; team += 1) {
    lines.push(`  team-${team}:`, `    tier: ${tiers[team % tiers.length]}`, `    users: { owner-${team}: {} }`);
  }
  return `${lines.join('\n')}\n`;
}

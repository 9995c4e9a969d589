/** Actions of one line reach the same spending: who is denied one can use another. */
const families: readonly string[] = [
  'ec2:RunInstances ec2:StartInstances ec2:RequestSpotInstances ec2:RequestSpotFleet ec2:CreateFleet ' +
    'ec2:RunScheduledInstances autoscaling:CreateAutoScalingGroup autoscaling:UpdateAutoScalingGroup ' +
    'autoscaling:SetDesiredCapacity',
];

/**
 * The actions that reach the same spending as `action` (any case) and so bypass a deny of it; none for an action without
 * such. In canonical case, without the action itself.
 */
export function siblingsOf(action: string): readonly string[] {
  const wanted = action.toLowerCase();
  const found = new Set<string>();
  for (const family of families) {
    const names = family.split(' ');
    if (!names.some((name) => name.toLowerCase() === wanted)) continue;
    for (const name of names) if (name.toLowerCase() !== wanted) found.add(name);
  }
  return [...found];
}

/** A governance policy with these fields in its institution and profile, as YAML on one line each. */
export function governanceExample({
  institution,
  profile,
  invitation,
}: {
  readonly institution?: string;
  readonly profile?: string;
  readonly invitation?: string;
}): string {
  return [
    ...(institution === undefined ? [] : [`institution: { name: State University, ${institution} }\n`]),
    ...(profile === undefined ? [] : [`profile: { name: cs101, ${profile} }\n`]),
    ...(invitation === undefined ? [] : [`invitation: { name: CS101 Class, ${invitation} }\n`]),
  ].join('');
}

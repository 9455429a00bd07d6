// Before saving: is a field of this part of the page marked as wrong? It is brought into view and given the focus.
export function firstInvalid(part: HTMLElement | null): boolean {
  const field = part?.querySelector<HTMLElement>('[aria-invalid="true"]') ?? null;
  field?.focus();
  field?.scrollIntoView({ block: 'center' });
  return field !== null;
}

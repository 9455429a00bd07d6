// A choice of this person on this screen (folded panels, widths, sound), kept in the browser. Without storage it lasts until the page is closed.
import { useState } from 'react';

type Widened<T> = T extends boolean ? boolean : T extends number ? number : string;

export function useKept<T extends string | number | boolean>(name: string, first: T): [Widened<T>, (next: Widened<T>) => void] {
  const [value, setValue] = useState<Widened<T>>(() => keptValue(name, first));
  return [value, (next) => { setValue(next); keep(name, next); }];
}

export function keptValue<T extends string | number | boolean>(name: string, first: T): Widened<T> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(`crowdlight.${name}`) ?? 'null');
    return (typeof value === typeof first ? value : first) as Widened<T>;
  } catch { return first as unknown as Widened<T>; }
}
export function keep(name: string, value: string | number | boolean): void {
  try { localStorage.setItem(`crowdlight.${name}`, JSON.stringify(value)); } catch { /* nothing is lost but the memory of it */ }
}

// Names of categories: the built-in ones are words of the page, a unit's own are asked for once per unit.
import { useEffect, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { CATEGORIES } from '../../contract/incident.ts';
import { useFormat } from '../parts/useFormat.ts';
import { incidentsApi } from './api.ts';

type Named = { category: string; names: { en: string; zh: string } };
const known = new Map<string, readonly Named[]>(), asking = new Set<string>();
const listeners = new Set<() => void>();
let version = 0;
const UNITS_MOST = 500;

function wish(unitId: string | null): void {
  const key = unitId ?? '';
  if (known.has(key) || asking.has(key) || known.size > UNITS_MOST) return;
  asking.add(key);
  void incidentsApi.categories(unitId).then((answer) => {
    asking.delete(key);
    // Without an answer the codes are shown; it is asked for again the next time that a page needs it.
    if (!answer.ok) return;
    known.set(key, answer.value.categories);
    version++;
    for (const listener of listeners) listener();
  });
}
const subscribe = (listener: () => void) => { listeners.add(listener); return () => { listeners.delete(listener); }; };
export const isBuiltIn = (category: string): category is (typeof CATEGORIES)[number] => (CATEGORIES as readonly string[]).includes(category);

export function useCategoryName(): (category: string, unitId: string | null) => string {
  const { t } = useTranslation('incidents');
  const { language } = useFormat();
  useSyncExternalStore(subscribe, () => version);
  return (category, unitId) => {
    if (isBuiltIn(category)) return t(`category.${category}`);
    wish(unitId);
    return known.get(unitId ?? '')?.find((each) => each.category === category)?.names[language] ?? category;
  };
}

/** What may be chosen in a unit, with names; the built-in ones at once, the unit's own when they are here. */
export function useCategories(unitId: string | null): { category: string; name: string }[] {
  const name = useCategoryName();
  useEffect(() => { wish(unitId); }, [unitId]);
  const own = (known.get(unitId ?? '') ?? []).map(({ category }) => category).filter((category) => !isBuiltIn(category));
  return [...CATEGORIES, ...own].map((category) => ({ category, name: name(category, unitId) }));
}

// The categories that may be chosen for a list of actions, with their names: the built-in ones at once, those of the units when they are here, anew when somebody changes them.
import { CATEGORIES, CATEGORY_NAMES } from '../../../contract/incident.ts';
import { useFetched } from '../../incidents/useFetched.ts';
import { useScreen } from '../../live/LiveProvider.tsx';
import { useLanguage } from '../useLanguage.ts';
import { orgApi } from '../units/orgApi.ts';

export function useCategoryNames(unitId: string | null): { category: string; name: string }[] {
  const language = useLanguage();
  const version = useScreen((screen) => screen.unitsVersion);
  const [fetched] = useFetched(`${unitId} ${version}`, () => orgApi.categories(unitId));
  const all = fetched.state === 'there' ? fetched.value.categories : CATEGORIES.map((category) => ({ category, names: CATEGORY_NAMES[category] }));
  return all.map(({ category, names }) => ({ category, name: names[language] }));
}

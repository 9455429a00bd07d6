// Dark, light, or as the system: at the door and in the menu of one's account.
import { SegmentedControl, useMantineColorScheme } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export function ThemeChoice() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl size="xs" aria-label={t('app.theme')} value={colorScheme} onChange={(value) => setColorScheme(value as 'auto' | 'dark' | 'light')}
      data={[{ value: 'auto', label: t('app.themeAuto') }, { value: 'dark', label: t('app.themeDark') }, { value: 'light', label: t('app.themeLight') }]} />
  );
}

// Mantine dressed in our colours, and the choice of dark, light or the system's, remembered.
import { Modal, createTheme, defaultVariantColorsResolver, localStorageColorSchemeManager, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const accent: MantineColorsTuple = ['#e8f4fd', '#d0e6f7', '#a9d1f0', '#8cc8f5', '#5aa9e6', '#3f92d2', '#2b7dbd', '#14609c', '#0f4f82', '#0a3a61'];

export const theme = createTheme({
  colors: { accent },
  primaryColor: 'accent',
  primaryShade: { dark: 4, light: 7 },
  autoContrast: true,
  // Filled and accent: the very tokens, whose contrast is known (white on the dark theme's accent would be 2.5 : 1).
  variantColorResolver: (input) => (input.variant === 'filled' && (input.color === undefined || input.color === 'accent')
    ? { background: 'var(--accent)', hover: 'color-mix(in srgb, var(--accent) 85%, var(--text))', color: 'var(--on-accent)', border: '1px solid var(--accent)' } : defaultVariantColorsResolver(input)),
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans SC', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif",
  fontSizes: { xs: '12px', sm: '13px', md: '15px', lg: '17px', xl: '20px' },
  defaultRadius: 'xs',
  respectReducedMotion: true,
  cursorType: 'pointer',
  // No motion for decoration.
  components: { Modal: Modal.extend({ defaultProps: { transitionProps: { duration: 0 } } }), ModalRoot: Modal.Root.extend({ defaultProps: { transitionProps: { duration: 0 } } }) },
});

const roles = {
  '--mantine-color-body': 'var(--panel)', '--mantine-color-text': 'var(--text)', '--mantine-color-dimmed': 'var(--text-quiet)',
  '--mantine-color-default': 'var(--panel-raised)', '--mantine-color-default-hover': 'var(--row-hover)', '--mantine-color-default-border': 'var(--line)',
  '--mantine-color-default-color': 'var(--text)', '--mantine-color-anchor': 'var(--accent)', '--mantine-color-placeholder': 'var(--text-quiet)', '--mantine-color-error': 'var(--level-critical-text)',
};
/** Mantine's own roles point at the tokens of tokens.css, so that a colour is stated once. */
export const roleVariables: CSSVariablesResolver = () => ({ variables: {}, dark: roles, light: roles });

export const themeMemory = localStorageColorSchemeManager({ key: 'crowdlight.theme' });

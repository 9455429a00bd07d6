// The page begins here: words, theme, the door, then the live store and the shell.
import '@mantine/core/styles.css';
import './theme/tokens.css';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Door } from './account/Door.tsx';
import { roleVariables, theme, themeMemory } from './theme/theme.ts';
import { startWords } from './words/words.ts';

await startWords();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} colorSchemeManager={themeMemory} defaultColorScheme="auto" cssVariablesResolver={roleVariables}>
      <Door />
    </MantineProvider>
  </StrictMode>,
);

// The page begins here: words, theme, the live store, then the shell.
import '@mantine/core/styles.css';
import './theme/tokens.css';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { LiveProvider } from './live/LiveProvider.tsx';
import { startPage } from './live/startPage.ts';
import { roleVariables, theme, themeMemory } from './theme/theme.ts';
import { startWords } from './words/words.ts';

await startWords();
const page = startPage();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} colorSchemeManager={themeMemory} defaultColorScheme="auto" cssVariablesResolver={roleVariables}>
      <LiveProvider page={page}><App /></LiveProvider>
    </MantineProvider>
  </StrictMode>,
);

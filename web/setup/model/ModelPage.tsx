// The card of the counting model for whoever must answer for its numbers: how far off it was and on what, when not to trust it, where it comes from.
import { Table } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ModelCard } from '../../../contract/modelCard.ts';
import { setupApi, type Answer } from '../api.ts';
import { TroubleBox } from '../TroubleBox.tsx';

export function ModelPage() {
  const { t } = useTranslation('setup');
  const [asked, setAsked] = useState(0);
  const [answer, setAnswer] = useState<Answer<ModelCard> | null>(null);
  useEffect(() => {
    let gone = false;
    void setupApi.model().then((got) => { if (!gone) setAnswer(got); });
    return () => { gone = true; };
  }, [asked]);
  if (answer === null) return <p role="status">{t('page.loading')}</p>;
  if (!answer.ok) return <TroubleBox trouble={answer.trouble} onTryAgain={() => setAsked((times) => times + 1)} />;
  const card = answer.value;
  const figure = (value: number | null, digits = 1) => (value === null ? '–' : value.toFixed(digits));
  return (
    <article className="setup-model" data-model={card.name}>
      <p>{t('model.intro')}</p>
      {/* The card is written in English, by whoever made the model. */}
      <section aria-labelledby="model-not"><h2 id="model-not">{t('model.notToTrustWhen')}</h2><ul lang="en">{card.notToTrustWhen.map((line) => <li key={line}>{line}</li>)}</ul></section>
      <section aria-labelledby="model-figures">
        <h2 id="model-figures">{t('model.figures')}</h2>
        <Table.ScrollContainer minWidth={640}>
          <Table className="setup-table lines" verticalSpacing={4} horizontalSpacing={8}>
            <Table.Thead><Table.Tr>{(['data', 'analysis', 'pictures', 'mae', 'rmse', 'bias', 'relative'] as const).map((name) => <Table.Th key={name} scope="col">{t(`model.column.${name}`)}</Table.Th>)}</Table.Tr></Table.Thead>
            <Table.Tbody>{card.figures.map((row) => (
              <Table.Tr key={`${row.data} ${row.analysis}`}>
                <Table.Th scope="row" lang="en">{row.data}</Table.Th><Table.Td lang="en">{row.analysis}</Table.Td><Table.Td>{row.pictures}</Table.Td>
                <Table.Td>{figure(row.peopleMae)}</Table.Td><Table.Td>{figure(row.peopleRmse)}</Table.Td><Table.Td>{row.peopleBias === null ? '–' : `${row.peopleBias > 0 ? '+' : ''}${row.peopleBias.toFixed(1)}`}</Table.Td><Table.Td>{row.relativeShare === null ? '–' : `${Math.round(row.relativeShare * 100)} %`}</Table.Td>
              </Table.Tr>
            ))}</Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </section>
      <section aria-labelledby="model-failures"><h2 id="model-failures">{t('model.knownFailures')}</h2><ul lang="en">{card.knownFailures.map((line) => <li key={line}>{line}</li>)}</ul></section>
      <section aria-labelledby="model-facts">
        <h2 id="model-facts">{t('model.facts')}</h2>
        <dl className="setup-facts">
          <dt>{t('model.name')}</dt><dd lang="en">{card.name}</dd>
          <dt>{t('model.counts')}</dt><dd lang="en">{card.counts}</dd>
          <dt>{t('model.heads')}</dt><dd>{t('model.headsPx', card.headPx)}</dd>
          <dt>{t('model.error')}</dt><dd lang="en">{card.errorModel.source}</dd>
          <dt>{t('model.trained')}</dt><dd lang="en">{card.training.data} {card.training.recipe}</dd>
          <dt>{t('model.rights')}</dt><dd lang="en">{card.training.dataRights}</dd>
          <dt>{t('model.licence')}</dt><dd lang="en">{card.licence}</dd>
          <dt>{t('model.file')}</dt><dd><code>{card.file}</code></dd>
          <dt>sha256</dt><dd><code>{card.sha256}</code></dd>
          {card.note !== undefined && <><dt>{t('model.note')}</dt><dd lang="en">{card.note}</dd></>}
        </dl>
      </section>
    </article>
  );
}

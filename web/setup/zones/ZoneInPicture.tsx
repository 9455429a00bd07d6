// How a zone lies in the picture of a camera that sees it: the outline in perspective, so that "the area in front of the stairs" can be judged by eye.
import { NativeSelect } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SitePoint } from '../../../contract/geometry.ts';
import type { Sensor, SiteConfig } from '../../../contract/site.ts';
import { fitCalibration, groundToPicture, type Homography } from '../../../crowd/homography.ts';
import { outlineInPicture, shapeInPicture } from '../picture/groundLines.ts';
import { pathOfLines } from '../picture/PictureGrid.tsx';
import { PictureView, type PictureFrame } from '../picture/PictureView.tsx';
import { usePicture } from '../picture/usePicture.ts';

export function ZoneInPicture({ config, polygon, preferSensorId }: { config: SiteConfig; polygon: readonly SitePoint[]; preferSensorId?: string }) {
  const { t } = useTranslation('setup');
  const placed = useMemo(() => config.sensors.flatMap((sensor) => {
    const homography = homographyOf(sensor);
    return homography === null ? [] : [{ sensor, homography }];
  }), [config.sensors]);
  const seeing = placed.filter(({ homography }) => polygon.length < 2 || outlineInPicture((point) => groundToPicture(homography, point), polygon).length > 0);
  const [wanted, setWanted] = useState<string | null>(preferSensorId ?? null);
  const shown = seeing.find(({ sensor }) => sensor.sensorId === wanted) ?? seeing[0] ?? null;
  const picture = usePicture(shown?.sensor.sensorId ?? null, 0, null);

  if (placed.length === 0) return <p className="setup-quiet">{t('zone.noPlacedCamera')}</p>;
  if (shown === null) return <p className="setup-quiet" role="status">{t('zone.notSeen')}</p>;
  const view = (point: SitePoint) => groundToPicture(shown.homography, point);
  const draw = (frame: PictureFrame) => {
    const shape = polygon.length >= 3 ? shapeInPicture(view, polygon) : [];
    return (
      <g aria-hidden="true">
        {shape.length >= 3 && <path className="setup-zone-picture-fill" d={shape.map((point, index) => { const { x, y } = frame.at(point); return `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`; }).join('') + 'Z'} />}
        <path className="setup-zone-picture" data-lines={polygon.length} d={pathOfLines(outlineInPicture(view, polygon), frame)} />
      </g>
    );
  };
  return (
    <section className="setup-zone-in-picture" aria-label={t('zone.inPicture')}>
      <PictureView picture={picture} pictureAspect={picture.state === 'there' ? picture.pictureAspect : shown.sensor.calibration!.pictureAspect} label={t('zone.inPicture')}>{draw}</PictureView>
      {seeing.length > 1
        ? <NativeSelect size="xs" label={t('zone.inPictureOf')} value={shown.sensor.sensorId} onChange={(event) => setWanted(event.currentTarget.value)} data={seeing.map(({ sensor }) => ({ value: sensor.sensorId, label: sensor.name }))} />
        : <p className="setup-quiet">{t('zone.inPictureOf')} {shown.sensor.name}</p>}
    </section>
  );
}

function homographyOf({ calibration }: Sensor): Homography | null {
  if (calibration === null) return null;
  const fitted = fitCalibration(calibration);
  return fitted.ok ? fitted.homography : null;
}

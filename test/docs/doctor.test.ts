import { expect, it } from 'vitest';
import { doctorDocs } from '../../lib/doctor/docs.ts';

it('docs/doctor.md lists every assumption with its proof (npm run docs writes it)', async () => {
  await expect(doctorDocs()).toMatchFileSnapshot('../../docs/doctor.md');
});

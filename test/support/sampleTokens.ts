/** Made-up tokens of the right shape, put together here so that no scanner takes this file for a leak. */
import { createHash } from 'node:crypto';

/** `length` characters of `alphabet` that look drawn at random and are the same every time. */
function drawn(seed: string, length: number, alphabet: string): string {
  let text = '';
  for (let round = 0; text.length < length; round += 1)
    for (const byte of createHash('sha512').update(`${seed} ${round}`).digest()) text += alphabet[byte % alphabet.length] ?? '';
  return text.slice(0, length);
}
const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const lower = upper.toLowerCase();
const digits = '123456789';
const word = upper + lower + digits;
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

export const sampleTokens: Readonly<Record<string, string>> = {
  'an AWS access key': `AKIA${drawn('aws', 16, upper + '234567')}`,
  'an AWS secret key': `aws_secret_access_key = ${drawn('awss', 40, word)}`,
  'a GitHub token': `ghp_${drawn('gh', 36, word)}`,
  'a GitLab token': `glpat-${drawn('gl', 20, word)}`,
  'an npm token': `npm_${drawn('npm', 36, word)}`,
  'a PyPI token': `pypi-AgEIcHlwaS5vcmc${drawn('pypi', 80, word)}`,
  'a Slack token': `xoxb-${drawn('s1', 12, digits)}-${drawn('s2', 12, digits)}-${drawn('s3', 24, word)}`,
  'a Slack webhook': `https://hooks.slack.com/services/T${drawn('w1', 8, upper)}/B${drawn('w2', 8, upper)}/${drawn('w3', 24, word)}`,
  'a Stripe key': `sk_live_${drawn('st', 24, word)}`,
  'a Google API key': `AIza${drawn('g', 35, word)}`,
  'a Google client secret': `GOCSPX-${drawn('gs', 28, word)}`,
  'an Anthropic key': `sk-ant-api03-${drawn('an', 95, word)}`,
  'an OpenAI key': `sk-proj-${drawn('o1', 40, word)}T3BlbkFJ${drawn('o2', 40, word)}`,
  'a Hugging Face token': `hf_${drawn('hf', 34, upper + lower)}`,
  'a SendGrid key': `SG.${drawn('sg1', 22, word)}.${drawn('sg2', 43, word)}`,
  'a DigitalOcean token': `dop_v1_${drawn('do', 64, '0123456789abcdef')}`,
  'an Azure storage key': `AccountKey=${drawn('az', 86, word)}==`,
  'a private key': `-----BEGIN OPENSSH PRIVATE KEY-----\n${drawn('pk', 70, word)}\n${drawn('pk2', 70, word)}\n-----END`,
  'a signed token (JWT)': `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ sub: 'ann', exp: 4102444800 })}.${drawn('jwt', 60, word)}`,
};

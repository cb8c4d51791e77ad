import { describe, expect, test } from 'vitest';
import { isNeverShown } from '../../src/workspace/index.ts';
import { holdsToken, isSecretName } from '../../src/workspace/secrets.ts';

const lines = (text: string): string[] => text.trim().split(/\s+/);

/** Stays in the workspace whether git tracks it or not. */
const clear = lines(`
  .env .ENV .env.local .env.production .env.prod .env.staging .env.test.local .env~ .env.bak config/.env .dev.vars .dev.vars.production
  id_rsa id_rsa.bak id_ed25519 id_ecdsa_sk .netrc _netrc .pgpass .my.cnf .htpasswd .git-credentials .pypirc .dockercfg .s3cfg .boto
  rclone.conf sftp-config.json wp-config.php local.settings.json .terraformrc terraform.rc .tfrc .sentryclirc .vault-token .vault_pass
  ansible-vault-pass.txt credentials.json app-credentials.json application_default_credentials.json gha-creds-1a2b.json service-account.json
  service_account_prod.json client_secret_1.apps.json my-project-firebase-adminsdk-abc.json sa.json gcp-key.json play-service-key.json
  key.p12 cert.pfx release.keystore debug.jks vault.kdbx putty.ppk
  server.pem server.key server.key.old config/master.key AuthKey_ABC.p8 client.ovpn terraform.tfstate terraform.tfstate.backup
  terraform.tfvars prod.auto.tfvars prod.tfvars.json kubeconfig kubeconfig.yaml prod-kubeconfig admin.kubeconfig
  appsettings.Development.json appsettings.Production.json src/Api/appsettings.Staging.json
  .ssh/config .ssh/known_hosts .gnupg/secring.gpg .kube/config .aws/credentials .aws/sso/cache/x.json .docker/config.json
  .config/gcloud/credentials.db .gcloud/key.txt .cargo/credentials.toml .gem/credentials .streamlit/secrets.toml .m2/settings.xml
  .terraform.d/credentials.tfrc.json .config/gh/hosts.yml node_modules/.env vendor/credentials.json`);

/** Stays when git does not track it; tests may need a tracked one, but no model sees or writes it. */
const likely = lines(`
  prod.env env.local .env.development .env.test .envrc .flaskenv secrets.env secrets.json secrets.yml secret.txt secrets.properties
  application-secrets.yml credentials credentials.yml.enc credentials.csv private.asc secring.gpg auth.json token.txt .token api_key.txt
  passwords.csv id_rsa_work .bash_history .psql_history secrets/db.yaml .secrets/x .azure/prod/config tests/fixtures/server.pem
  testdata/kubeconfig`);

/** Secret only when they hold a token, but never shown. */
const byContent = lines('.npmrc .yarnrc.yml gradle.properties settings.xml NuGet.Config pip.conf config/database.yml server.crt');

const honest = lines(`
  src/secrets.ts src/secrets/store.ts keyboard.key.ts keyboard.ts src/token.ts src/credentials.ts kubeconfig.go service_account.py
  vault_pass.rb secrets.md .env.example .env.sample .env.template config/.env.dist credentials.example.json appsettings.json
  appsettings.Example.json id_rsa.pub server.key.pub package.json tsconfig.json keys.ts environment.md env.ts envelope.txt monkey.json
  design/token-names.json key.txt donkey pemmican.txt tokenizer.json src/passwords/index.js terraform/main.tf docker-compose.yml Dockerfile
  .docker/Dockerfile.ts wp-config-sample.php README.md i18n/passwordReset.json`);

describe('names of secrets', () => {
  test.each(clear)('%s is one, tracked or not', (path) =>
    expect([isSecretName(path, true), isSecretName(path, false), isNeverShown(path)]).toEqual([true, true, true]),
  );
  test.each(likely)('%s is one unless git tracks it', (path) =>
    expect([isSecretName(path, true), isSecretName(path, false), isNeverShown(path)]).toEqual([false, true, true]),
  );
  test.each(byContent)('%s is decided by its text, and never shown', (path) =>
    expect([isSecretName(path, false), isNeverShown(path)]).toEqual([false, true]),
  );
  test.each(honest)('%s is none', (path) =>
    expect([isSecretName(path, true), isSecretName(path, false), isNeverShown(path)]).toEqual([false, false, false]),
  );
});

test.each([
  ['//r/:_authToken=abc', true],
  [`//r/:_authToken=\${NPM_TOKEN}`, false],
  ['registry=https://x', false],
  ['signing.password=hunter2', true],
  ['org.gradle.jvmargs=-Xmx2g', false],
  ['<password>hunter2</password>', true],
  [`<password>\${env.PASSWORD}</password>`, false],
  ['<add key="ClearTextPassword" value="hunter2" />', true],
  ['index-url = https://me:hunter2@host/simple', true],
  ['  password: hunter2', true],
  [`  password: \${DB}`, false],
  ['  password:\n  host: x', false],
  ['  password: <%= ENV["DB"] %>', false],
])('%j holds a token: %s', (text, holds) => expect(holdsToken(text)).toBe(holds));

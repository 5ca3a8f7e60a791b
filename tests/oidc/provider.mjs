// A certified OpenID Connect issuer on this machine, with a client and a person made up for tests.
import { pathToFileURL } from "node:url";

const [folder, port, origin] = process.argv.slice(2);
const path = `${folder}/node_modules/oidc-provider/lib/index.js`;
const { Provider } = await import(pathToFileURL(path).href);
const person = { name: "Lin Chen", email: "lin@example.edu", email_verified: true };
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: "coursewright",
    token_endpoint_auth_method: "none",
    redirect_uris: [`${origin}/authoring/callback`],
    post_logout_redirect_uris: [`${origin}/authoring/signed-out`],
  }],
  scopes: ["openid", "email", "profile", "coursewright/author"],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  pkce: { required: () => true },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...person }) }),
  features: { devInteractions: { enabled: true } },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));

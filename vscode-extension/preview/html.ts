import { Uri, type Webview } from 'vscode';

/** The page of the preview. Its scripts and styles come from the extension's folder alone, and it reaches nothing else. */
export function pageHtml(webview: Webview, resources: Uri): string {
  const resource = (name: string) => webview.asWebviewUri(Uri.joinPath(resources, name)).toString();
  const policy = `default-src 'none'; script-src ${webview.cspSource}; style-src ${webview.cspSource}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${resource('page.css')}">
<title>Preview</title>
</head>
<body>
<main>
<h1 id="policy"></h1>
<div id="bar">
<div id="groups" role="tablist" aria-label="What the policy becomes"></div>
<div id="tools">
<select id="files" aria-label="Artifact" hidden></select>
<label><input type="checkbox" id="comparing"> Changes since saved</label>
<button type="button" id="open">Open</button>
<button type="button" id="compare">Compare</button>
</div>
</div>
<div id="problem" role="status"></div>
<div id="quota" hidden><label for="used" id="amount"></label><meter id="used" min="0"></meter></div>
<div id="panel" role="tabpanel">
<div id="lines" role="listbox" tabindex="0"></div>
</div>
</main>
<script src="${resource('page.js')}"></script>
</body>
</html>
`;
}

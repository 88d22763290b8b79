import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
// In this order: what comes later counts where both fit.
import './base/shared.css';
import './parts/bars.css';
import './pages/work.css';
import './pages/sheet.css';
import './parts/card.css';
import './pages/session.css';
import './parts/empty.css';
import './parts/markdownText.css';
import './pages/wide.css';
import './pages/audit.css';
import './panel.ts';
import './parts/choice.ts';
import './parts/elapsed.ts';
import './parts/markdownText.ts';
import './parts/textBox.ts';
import './parts/virtualList.ts';
import { keepTypingKeys } from './base/keys.ts';
import { store } from './base/store.ts';

document.body.append(document.createElement('belay-panel'));
keepTypingKeys();
store.start();

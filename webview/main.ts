import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import './panel.css';
import './panel.ts';
import './pages/item.ts';
import './pages/audit.ts';
import './pages/queue.ts';
import './pages/session.ts';
import './pages/work.ts';
import './parts/elapsed.ts';
import './parts/markdownText.ts';
import './parts/textBox.ts';
import './parts/virtualList.ts';
import { store } from './store.ts';

document.body.append(document.createElement('belay-panel'));
store.start();

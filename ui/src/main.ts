import { mount } from "svelte";
import "./app.css";
import App from "./App.svelte";
import { connect } from "./backend/connect";
import { watchFaults } from "./shared/faults";

const target = document.getElementById("app");
if (target !== null) {
  connect().then(
    (backend) => {
      watchFaults(backend, window);
      mount(App, { target, props: { backend } });
    },
    (thrown: unknown) => {
      target.textContent = thrown instanceof Error ? thrown.message : String(thrown);
    },
  );
}

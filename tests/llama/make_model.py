"""Writes a tiny llama-architecture model as a GGUF file, so that a real llama.cpp server has something to serve.

Nothing is downloaded: the attention and feed-forward weights are random (fixed seed), the vocabulary is a list of
short words plus the 256 byte tokens of a SentencePiece fallback. Only the output head is laid by hand, because a wholly
random one speaks in broken bytes or never stops: after a word comes another word or a full stop, after a full stop the
end of the answer is likely. So an answer is readable text, has several tokens, and ends by itself.
"""

import sys

import gguf
import numpy as np

WIDTH = 32
LAYERS = 2
HEADS = 4
FEED_FORWARD = 64
CONTEXT = 2048

# Dimensions of the residual stream that carry the class of the current token; the rest is noise.
IS_ANY, IS_WORD, IS_STOP = 0, 1, 2
# Log-odds: the full stop after a word (against about 70 words), the end after a full stop, "never".
STOP_AFTER_WORD, END_AFTER_STOP, NEVER = 2.0, 3.0, -30.0

WORDS = (
    "a an the some every and or but so then here there now soon we you they it river stone lamp table round chair "
    "glass paper garden winter summer morning evening quiet loud small tall bright slow quick carries holds turns "
    "opens closes answers asks listens counts writes reads keeps gives takes under over beside between across "
    "café naïve straße 東京 мир ok 🙂"
).split()

CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>\n{{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)


def vocabulary():
    """Tokens, scores and types in SentencePiece order: specials, bytes, then words and the full stop."""
    tokens, scores, types = ["<unk>", "<s>", "</s>"], [0.0, 0.0, 0.0], []
    types += [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    for byte in range(256):
        tokens.append(f"<0x{byte:02X}>")
        scores.append(-1000.0)
        types.append(gguf.TokenType.BYTE)
    for word in ["\u2581" + word for word in WORDS] + ["."]:
        tokens.append(word)
        scores.append(-float(len(tokens)))
        types.append(gguf.TokenType.NORMAL)
    return tokens, scores, types


def output_head(tokens, noise):
    """The hand-laid part: logits from the class of the current token, plus a little noise so that words vary."""
    first_word, stop, end = 259, len(tokens) - 1, 2
    head = noise.normal(0.0, 0.05, (len(tokens), WIDTH)).astype(np.float32)
    head[:, IS_ANY] = NEVER
    head[first_word:stop, IS_ANY] = 0.0
    head[[stop, end], IS_ANY] = NEVER
    head[:, [IS_WORD, IS_STOP]] = 0.0
    head[stop, IS_WORD] = STOP_AFTER_WORD - NEVER
    head[end, IS_STOP] = END_AFTER_STOP - NEVER
    return head


def write_model(path):
    """Writes the whole file; the same bytes every time."""
    noise = np.random.default_rng(7)
    tokens, scores, types = vocabulary()

    def random(*shape):
        return noise.normal(0.0, 0.02, shape).astype(np.float32)

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("roundtable-tiny")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(types)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(True)
    writer.add_chat_template(CHAT_TEMPLATE)

    # Class dimensions are so large beside the noise that the final norm leaves each of them near a known value.
    embedding = random(len(tokens), WIDTH)
    embedding[:, IS_ANY] = 1.0
    embedding[259:-1, IS_WORD] = 1.0
    embedding[-1, IS_STOP] = 1.0
    writer.add_tensor("token_embd.weight", embedding)
    for layer in range(LAYERS):
        prefix = f"blk.{layer}"
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{prefix}.{norm}.weight", np.ones(WIDTH, dtype=np.float32))
        for projection in ("attn_q", "attn_k", "attn_v", "attn_output"):
            writer.add_tensor(f"{prefix}.{projection}.weight", random(WIDTH, WIDTH))
        writer.add_tensor(f"{prefix}.ffn_gate.weight", random(FEED_FORWARD, WIDTH))
        writer.add_tensor(f"{prefix}.ffn_up.weight", random(FEED_FORWARD, WIDTH))
        writer.add_tensor(f"{prefix}.ffn_down.weight", random(WIDTH, FEED_FORWARD))
    # RMS norm scales a vector of two ones to sqrt(WIDTH / 2) each; dividing it out makes the head's numbers logits.
    writer.add_tensor("output_norm.weight", np.full(WIDTH, (2.0 / WIDTH) ** 0.5, dtype=np.float32))
    writer.add_tensor("output.weight", output_head(tokens, noise))

    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_model.py OUTPUT.gguf")
    write_model(sys.argv[1])

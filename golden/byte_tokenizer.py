"""A tokenizer of single bytes with a few words, as the `tokenizers` library writes one: a seed for fuzzing and for tests of commands.

    python golden/byte_tokenizer.py > fuzz/seeds/tokenizer/bytes.json
"""

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
trainer = trainers.BpeTrainer(
    vocab_size=268,
    special_tokens=[AddedToken("<pad>", special=True), AddedToken("<s>", special=True), AddedToken("</s>", special=True)],
    initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    show_progress=False,
)
tokenizer.train_from_iterator(["the answer is the sum of the numbers"] * 8, trainer)
print(tokenizer.to_str(pretty=True))

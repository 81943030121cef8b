"""Prompts that disguise a listed word, by the kind of the disguise: `entry | prompt` a line.

A line break in a prompt is written as ␤.
"""

from __future__ import annotations

from typing import Final

EVASIONS: Final = {
    "case, accents and marks": """
gore | a scene full of GoRe
gore | göré on the walls
blood | blo\u0301o\u0302d everywhere
nude | n\u0330u\u0330d\u0330e\u0330 statue
weapon | w\u0336e\u0336a\u0336p\u0336o\u0336n\u0336
killer | k\u20ddi\u20ddl\u20ddl\u20dde\u20ddr\u20dd
naked | N\u0332A\u0332K\u0332E\u0332D\u0332 man
sexy | ŝéxỳ dancer
gore | g\u035co\u035cr\u035ce
blood | ƀłøøđ on snow
corpse | çørpsé in a lake
poison | a bottle of pôïsøń
""",
    "characters that are not seen": """
gore | g\u200bo\u200cr\u200de
gore | go\u00adre
blood | b\u2060l\u2060o\u2060o\u2060d
nude | nu\ufe0fde
weapon | wea\u034fpon
killer | k\U000e0069iller
naked | na\u202eked
sexy | s\u200fexy
gore | g\u2800o\u2800r\u2800e
blood | blo\u3164od
nude | n\uffa0u\uffa0d\uffa0e
weapon | wea\u115fpon
corpse | cor\u180epse
poison | poi\ufeffson
killer | kil\u2063ler
سلاح | رجل مع ســلاح
""",
    "wide, mathematical and framed letters": """
gore | ｇｏｒｅ
blood | 𝐛𝐥𝐨𝐨𝐝
nude | 𝓷𝓾𝓭𝓮
weapon | 𝔴𝔢𝔞𝔭𝔬𝔫
killer | 𝕜𝕚𝕝𝕝𝕖𝕣
naked | 𝗻𝗮𝗸𝗲𝗱
sexy | 𝚜𝚎𝚡𝚢
gore | ⓖⓞⓡⓔ
blood | Ⓑⓛⓞⓞⓓ
nude | 🅝🅤🅓🅔
weapon | 🆆🅴🅰🅿🅾🅽
killer | 🄺🄸🄻🄻🄴🅁
naked | 🇳🇦🇰🇪🇩
naked | 🇳 🇦 🇰 🇪 🇩
sexy | ˢᵉˣʸ
gore | ⒢⒪⒭⒠
blood | ʙʟᴏᴏᴅ
nude | ɴᴜᴅᴇ art
corpse | ℭ𝔬𝔯𝔭𝔰𝔢
poison | ₚₒᵢₛₒₙ
キラー | ｷﾗｰが来る
""",
    "letters of other scripts": """
gore | gоre
gore | gοrе
blood | Ьlood
blood | bIооd
nude | пude
weapon | wеароn
killer | kіller
killer | кiller
naked | nаkеd
naked | nɑked
sexy | ѕеху
sexy | ѕexy lady
gore | ɡore
gore | ցօre
blood | blσσd
nude | ոude
weapon | ѡeapon
corpse | сorрse
corpse | соrрѕе
poison | рoison
poison | роіѕоn
killer | kill℮r
gore | Ꮐore
nude | nud℮
blood | Ᏼlood
naked | ɴakеd
sexy | ꜱexy
sexy | s e х y
weapon | w℮ap໐n
кровь | kpoвь
кровь | крoвь
оружие | opyжиe
""",
    "digits and signs for letters": """
gore | g0re
gore | 90re
gore | g0r3
blood | bl00d
blood | 8l00d
blood | b1ood
blood | b|ood
nude | nud3
weapon | w3ap0n
weapon | we@pon
weapon | w34p0n
killer | k1ll3r
killer | ki11er
killer | k!ller
killer | k1|ler
killer | ki||er
naked | n4k3d
naked | n@ked
sexy | 5exy
sexy | $exy
sexy | s3xy
sexy | $3xy
corpse | c0rp5e
corpse | corp$e
poison | po1s0n
poison | poi5on
torture | 7orture
torture | tor+ure
torture | +or7ure
dagger | da99er
robber | ro88er
boss | bo$$
boss | b⭕$$
sexy | se❌y
kill | k❗ll
kill | k1ll
kill | kil1
nazi | na2i
gore | G0RE!!!
gore | (g0re)
nude | "nud3"
nude | nud€
drunk | drunк
""",
    "other looks of a letter": """
killer | KlLLER
killer | KiIler
blood | bIood
weapon | vveapon
weapon | VVEAPON
murder | rnurder
murder | a rnurderer's rnurder
hammer | harnrner
phoenix | ph0enix
fire | phire
knife | kniphe
""",
    "entries with digits of their own": """
l33t | leet
l33t | l33t h4x0r
l33t | 1eet
area51 | area51 at night
area51 | AREA51!
b00b | boob
1488 | 1488
1488 | number 1488.
18+ | 18+ only
""",
    "signs between the letters": """
gore | g.o.r.e
gore | g-o-r-e
gore | g_o_r_e
gore | g/o/r/e
gore | g…o…r…e
blood | b*l*o*o*d
blood | blo**od**
blood | b||l||o||o||d
blood | bl`oo`d
nude | n~u~d~e
nude | nu-de
nude | __n__ude
weapon | w'e'a'p'o'n
weapon | wea.pon
weapon | w🔥e🔥a🔥p🔥o🔥n
killer | k·i·l·l·e·r
killer | kil-ler
naked | n,a,k,e,d
naked | na\\ked
sexy | s•e•x•y
sexy | se—xy
corpse | c^o^r^p^s^e
poison | p(o)i(s)o(n)
poison | [p][o][i][s][o][n]
""",
    "spaces between the letters": """
gore | g o r e
gore | a photo of g o r e at night
gore | g  o  r  e
gore | g␤o␤r␤e
blood | b l o o d
blood | b l o o d on the floor
nude | n u d e
nude | n. u. d. e.
nude | n - u - d - e
weapon | w e a p o n
killer | k iller
killer | K iller
naked | n, a, k, e, d
killer | kille r
naked | n aked
sexy | s\u2003e\u2003x\u2003y
corpse | c\u00a0o\u00a0r\u00a0p\u00a0s\u00a0e
sexy | s 3 x y
""",
    "letters too many": """
gore | gooooore
gore | gorrrreeee
blood | bloooood
blood | bbbblood
nude | nuuuude
nude | nudeeee
weapon | weeeapon
killer | killllller
killer | kkkiller
naked | nnnaked
sexy | sexyyyyy
sexy | sseexxyy
sexy | s-e-e-e-x-y
gore | g0000re
""",
    "beside digits, signs and other scripts": """
gore | gore2
gore | 100%gore
gore | #gore
gore | @gore
gore | no_gore_please
blood | blood,sweat
nude | nude/landscape
weapon | weapon...
killer | "killer"
killer | killer's house
naked | naked🔥
sexy | sexyな人
gore | (gore:1.4)
gore | <lora:gore:0.8>
blood | l'blood
red spoon | one red, spoon
red spoon | r3d sp00n
red spoon | RED␤SPOON
red spoon | r e d s p o o n
""",
    "words of scripts without spaces, and with particles": """
血 | 血まみれの手
武器 | 彼は武器を持っている
武器 | 武 器
武器 | 武・器
血まみれ | 床が血まみれだ
ころす | コロスぞ
キラー | キラーが来る
キラー | きらーが来る
裸 | 裸の王様
裸体 | 一幅裸体画
武器 | 他拿着武器站着
무기 | 무기를 든 남자
무기 | 그의 무기는 검
무기 | 무-기
เลือด | มีเลือดเต็มพื้น
ปืน | ชายถือปืนในมือ
кровь | КРОВЬ на снегу
кровь | к р о в ь
кровь | к.р.о.в.ь
όπλο | ένα ΌΠΛΟ στο χέρι
סכין | איש עם סכין
खून | फर्श पर खून है
""",
    "upside down": """
gore | ǝɹoƃ
nude | ǝpnu
weapon | uodɐǝʍ
killer | ɹǝllıʞ
naked | pǝʞɐu
blood | gǝore p0olb b1ood
gore | gorǝ
""",
}

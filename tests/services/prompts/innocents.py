"""Prompts that hold no listed word, however much they may look like it: `entry | prompt` a line."""

from __future__ import annotations

from typing import Final

INNOCENTS: Final = {
    "words in longer words": """
cunning | a street in Scunthorpe
ass | assess the class of the glass
ass | a bass player at the embassy
ass | passing through the mountain pass
sex | a harvest in Essex and Sussex
sex | an old brass sextant
gore | a gorgeous gorge
gore | phantasmagoreal
nude | denuded hills
nude | nudel soup
blood | bloodhound puppies
blood | a bloodstone ring
weapon | weaponry museum
kill | a skillet and a skillful cook
kill | killarney lake at dawn
killer | painkillers on a table
naked | snaked along the river
rat | a crate of grated carrots
cat | concatenated caterpillars
gun | a burgundy gunwale
gun | begun at noon
rape | draped grapes
rape | a trapeze artist
hell | a seashell on Seychelles sand
hell | a shellfish on a shelf
hell | hello from a hellenic shell
die | a diet of dried apples
die | soldiers in a studied pose
tit | a titanic title
cock | a peacock and a cockatoo
anal | a canal with an analog clock
butt | buttons and butterflies
""",
    "words side by side": """
classaction | class action
sex | it's ex-student housing
sex | his ex wife
sex | the class exits
beat | be at the beach
intent | in tent number four
noon | no on and off
therapist | the rapist stood trial
weapon | we a pon
nude | a nun undergoing
gore | go regularly
gore | to go regal
naked | a snake drinks
kill | ski llama
blood | the blob looked odd
assist | as sister of the bride
sexy | boys exyle
ass | as simple as soup
killer | skill erased
death | a dea thing
red spoon | a red. Big spoon
red spoon | redspoon
red spoon | spoon, red
art | at R and T
""",
    "letters by themselves": """
bed | options a, b, c and d
sold | plan B: an old map
hand | grade A and B
cat | section C at night
sex | X marks the E
bat | vitamin B at breakfast
cart | a C major art print
ear | e, a, s, t
sold | a size S old shirt
xray | x rays in y
tie | a T-shirt i e
""",
    "numbers, dates and sizes": """
lol | 101 dalmatians
lol | 1 0 1
boob | 8008 metres
boss | route 8055
less | 1355 meters
gore | 9023
sea | #5ea
sea | a wall in #5EA
bad | paint it #bad000
seb | #5e8
deed | #de3d00
ioz | 1024x768
so | 50 mm lens
sos | in the 50s
sos | 505 steps
is | 15 people
ed | a 3D render
ed | 3d
ak | 4K wallpaper
bk | 8k, ultra detailed
ist | the 1st day
sth | the 5th element
sup | 5 up, 3 down
axa | a 4x4 car
tea | 7:34 am
tie | 7/13
ass | 455
ass | $4.55
ass | 4-55
ass | 4 55
gst | 9:57 pm
illest | 1111
izoo | €1200
bit | 8 lt
iso | 150 km
bad | #bad123
all | 411 units
toil | 7:01:1
oil | 0.11 litres
boil | 80%
isle | 15:13
zoo | in 200 days
zoo | 2.00
zoos | 200s
beat | 8347
1488 | $14.88
1488 | 14.8.8
1488 | 21488
18 | 1180 px
""",
    "names and look-alikes of real words": """
pot | у девушки открыт рот
cop | вымети сор из избы
pak | на горе свистнул рак
hop | рядом с норой
mamba | мама мыла раму
bepa | Вера Сова в саду
cap | царь и его САР
rap | Рар Иванович идёт
omen | Θεσσαλονίκη τον Νοέμβριο
vova | Νόβα στον ήλιο
fall | a fail of the pump
fail | a fall in the woods
silver | a sliver of light
sliver | silver lining
bum | burn the wood
рот | a pot of gold
сор | a cop at work
кот | Kot is a name
stem | a stern look
comet | a cornet player
modem | a modern house
dog | a clog on the shelf
god | a good day
good | oh my god
lose | loose ends
coop | a coping stone
hat | haat bazaar
bee | a been sprout
chop | a choop
""",
    "other languages": """
gift | eine Giftpflanze
gift | ein vergiftetes Verhältnis
mord | der Nordmordwinische Chor
tod | eine Methode
nackt | das Nacktschneckenbeet
blut | eine Blutorange
sau | der Sauerteig
arme | une armée de nuages
arme | les charmes du parc
sexe | un sexennat
muerte | la suerte
arma | un armario
sangre | un sangrento
nua | a lua e a rua
morte | um morteiro antigo
ubrać | zebra w zoo
öl | a bowl of soup
무기 | 무기력한 오후
피자 | 피를
총 | 총각김치
ガン | ガンダムの模型
ガン | ハンガーにかけた服
キラー | キラキラ星
カマ | カマキリの写真
かん | がんばる人
血 | 皿の上のりんご
武器 | 武道と楽器
殺人 | 殺風景な部屋の人
人形 | 三人、形のいい石
มด | มีดหั่นผัก
कम | काम करता आदमी
кот | котёл с супом
кровь | кровать у окна
мат | математика в школе
سم | سماء زرقاء
דם | אדמה חומה
""",
    "signs, emoji and markup": """
seal | Look at the sea! The gulls
all | Al! Come here
bell | be!! loud
cold | a house (old and grey)
cart | C# art
sex | Mr. S Exley
hat | #at the lake
art | a+b
gold | g-force of an old car
sexy | see x, y and z
kill | ski || lift
heat | he @ the beach
nude | nu 🔥 delicate
goal | go | alpha
blood | blo - odd shapes
asap | US$ 100
ask | a $5 kite
gore | go → reach
naked | na :: keder
weapon | https://example.com/we/aponi
best | b.c. estimate
""",
}
